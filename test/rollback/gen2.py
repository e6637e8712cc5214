import json
A1={'a':'1','b':'1','c':'1'}
def v(**k):
    d=dict(A1); d.update(k); return d
def case(tbl,name,was,*steps,**k):
    c={'name':name}; c.update(k); c['was']=was; c['steps']=[dict(s,see='') for s in steps]; tbl.append(c)
AG={}
hb=[]
P={'a':'process'};H={'a':'http'};T={'a':'tcp'};F={'a':'file'};HP={'a':'http+process'}
S={'stable':'350ms','deadline':'900ms'}
for kind,b in (('file',F),('process',P),('http',H),('tcp',T)):
    case(hb,f'{kind}: a version without a heartbeat',{'a':'1'},{'is':{'a':'2'},'faults':['a run 2 none']},AG,beats=b)
case(hb,'http: an answer that says it is not well',{'a':'1'},{'is':{'a':'2'},'faults':['a run 2 sick']},AG,{'is':{'a':'3'}},beats=H)
case(hb,'http: answers by turns',{'a':'1'},{'is':{'a':'2'},'faults':['a run 2 flap']},AG,beats=H,timing={'successes':3})
case(hb,'http: answers by turns, and one pass is enough',{'a':'1'},{'is':{'a':'2'},'faults':['a run 2 flap']},AG,beats=H)
case(hb,'http: dies within stable',{'a':'1'},{'is':{'a':'2'},'faults':['a run 2 short']},AG,beats=H,timing=S)
case(hb,'process: dies within stable',{'a':'1'},{'is':{'a':'2'},'faults':['a run 2 short']},AG,beats=P,timing=S)
case(hb,'process: comes and goes',{'a':'1'},{'is':{'a':'2'},'faults':['a run 2 flap']},AG,beats=P,timing={'stable':'200ms','deadline':'600ms'})
case(hb,'process: the old one keeps running',{'a':'1'},{'is':{'a':'2'},'faults':['a run 2 keep-old']},AG,beats=P)
case(hb,'process: the old one keeps running, and runs on when all is taken back',{'a':'1'},{'is':{'a':'2'},'faults':['a run 2 keep-old','a run 1 keep-old']},AG,beats=P)
case(hb,'http and process: the old one keeps answering',{'a':'1'},{'is':{'a':'2'},'faults':['a run 2 keep-old']},AG,beats=HP)
case(hb,'http alone cannot tell an old process: one reason more to ask for the process as well',{'a':'1'},{'is':{'a':'2'},'faults':['a run 2 keep-old']},beats=H)
case(hb,'what is gone back to is not well either: a person is needed',{'a':'1'},{'is':{'a':'2'},'faults':['a run 2 none','a run 1 none','a mode production skip']},AG,{'is':{'a':'3'}},beats=F)
case(hb,'a dependent that is as it was is not touched',{'a':'1','b':'1'},{'is':{'a':'2','b':'1'},'faults':['a run 2 none']},AG,beats=F)
case(hb,'two of three are well: all are taken back',v(),{'is':v(a='2',b='2',c='2'),'faults':['c run 2 none']},AG,beats={'a':'file','b':'file','c':'file'})
case(hb,'continue: only the one that is not well',v(),{'is':v(a='2',b='2',c='2'),'faults':['c run 2 none']},AG,beats={'a':'file','b':'file','c':'file'},policy='continue')
case(hb,'continue: with what depends on it',v(),{'is':v(a='2',b='2',c='2'),'faults':['a run 2 none']},AG,beats={'a':'file','b':'file','c':'file'},policy='continue')
case(hb,'stop: it stays as it is',{'a':'1'},{'is':{'a':'2'},'faults':['a run 2 none']},{'faults':[]},beats=F,policy='stop')
case(hb,'what failed before and after is no ground: exit 1, and nothing is taken back',{'a':'1'},{'put':{'run/a.beat':None},'is':{'a':'2'},'faults':['a run 2 none','a mode production skip']},AG,{'is':{'a':'3'}},beats=F)
case(hb,'what failed before does not keep the rest from being taken back',{'a':'1','c':'1'},{'put':{'run/c.beat':None},'is':{'a':'2','c':'2'},'faults':['a run 2 none','c run 2 none','c run 1 none']},AG,beats={'a':'file','c':'file'})
case(hb,'what failed before, and a script',{'a':'1','c':'1'},{'put':{'run/a.beat':None},'is':{'a':'2','c':'2'},'faults':['a run 2 none','a run 1 none','c upgrade 2 fail']},AG,beats={'a':'file'},policy='continue')
case(hb,'a new heartbeat that never passes is taken back with its block, and the old one judges',{'a':{'version':'1','beat':'file'}},{'is':{'a':{'version':'2','beat':'process'}}},AG)
case(hb,'what was never judged before is judged, and taken back',{'a':'1'},{'is':{'a':{'version':'2','beat':'process'}}},AG)
case(hb,'a heartbeat that is as it was, and one that is new: that one counts',{'a':{'version':'1','beat':'process'}},{'is':{'a':{'version':'2','beat':'http+process'}},'put':{'run/a.port':'1\n'}},AG)
case(hb,'a bad first version of a new product in a working server',{'c':'1'},{'is':{'c':'1','n':{'version':'1','beat':'process'}}},AG)
case(hb,'an idle server asks no heartbeat',{'mode':'idle','a':'1'},{'is':{'mode':'idle','a':'2'},'faults':['a run 2 none']},AG,beats=F)
# modes
md=[]
case(md,'a mode-script fails on the way to production: the server is idle again',{'mode':'idle','a':'1','b':'1'},{'is':{'a':'1','b':'1'},'faults':['b mode production fail']},AG,{'faults':[]},AG)
case(md,'version and mode: both are taken back',{'mode':'idle','a':'1','b':'1'},{'is':{'a':'2','b':'1'},'faults':['a mode production fail']},AG,{'is':{'mode':'idle','a':'1','b':'1'}})
case(md,'a mode-script fails on the way out: the server works again',{'a':'1','b':'1'},{'is':{'mode':'idle','a':'1','b':'1'},'faults':['a mode idle once']},AG)
case(md,'a version fails after the way out: the server works again',{'a':'1','b':'1'},{'is':{'mode':'idle','a':'2','b':'1'},'faults':['a upgrade 2 fail']},AG)
case(md,'a mode-script fails both ways: a person is needed',{'mode':'idle','a':'1','b':'1'},{'is':{'a':'1','b':'1'},'faults':['b mode any fail']},AG,{'faults':[]},AG)
case(md,'not well once it works: idle again',{'mode':'idle','a':'1'},{'is':{'a':'2'},'faults':['a run 2 none','a mode production once']},AG,beats={'a':'file'})
case(md,'continue: a mode is a matter of all, and taken back whole',{'mode':'idle','a':'1','c':'1'},{'is':{'a':'1','c':'2'},'faults':['a mode production fail']},AG,policy='continue')
case(md,'one that is as it was fails with what it depends on: that is to blame',{'mode':'idle','a':'1','b':'1'},{'is':{'a':'2','b':'1'},'faults':['b mode production skip']},{'faults':[]},beats={'b':'file'},)
case(md,'stop: it stays in between',{'mode':'idle','a':'1'},{'is':{'a':'1'},'faults':['a mode production fail']},{'faults':[]},policy='stop')
# crashes, interrupts
cr=[]
case(cr,'killed in the upgrade: it is run again, and fails then',{'a':'1'},{'is':{'a':'2'},'faults':['a upgrade 2 kill-engine']},{'reboot':True,'faults':['a upgrade 2 fail']},AG)
case(cr,'killed in the upgrade, the good one comes back by its file',{'a':'1'},{'is':{'a':'2'},'faults':['a upgrade 2 kill-engine']},{'reboot':True,'faults':[],'is':{'a':'1'}},AG)
case(cr,'killed in the upgrade, without a reboot: it is run again, and is well',{'a':'1'},{'is':{'a':'2'},'faults':['a upgrade 2 kill-engine']},AG,AG)
case(cr,'killed on the way back: the next run goes on with that, and does not try the bad one',{'a':'1'},{'is':{'a':'2'},'faults':['a upgrade 2 fail','a upgrade 1 kill-engine']},{'reboot':True},AG)
case(cr,'killed on the way back, with one product back already',v(),{'is':v(a='2',c='2'),'faults':['c upgrade 2 fail','c upgrade 1 kill-engine']},{'reboot':True},AG)
case(cr,'killed on the way back, when the failing one is back and the others are not',{'a':'1','c':'1'},{'is':{'a':'2','c':'2'},'faults':['c upgrade 2 fail','c run 1 start','a upgrade 1 kill-engine']},{'reboot':True},AG)
case(cr,'killed on the way back, and then another file is wished for: that one comes about',{'a':'1'},{'is':{'a':'2'},'faults':['a upgrade 2 fail','a upgrade 1 kill-engine']},{'reboot':True,'is':{'a':'3'}},AG)
case(cr,'killed on the way back, which then fails',{'a':'1'},{'is':{'a':'2'},'faults':['a upgrade 2 fail','a upgrade 1 kill-engine']},{'reboot':True,'faults':['a upgrade 1 fail']},AG,{'faults':[],'run':'rollback'},AG)
case(cr,'killed while the heartbeat was waited for: it is waited for again, and taken back',{'a':'1'},{'is':{'a':'2'},'faults':['a run 2 none','a mode production skip'],'kill':'verify.started'},{'reboot':True},AG,beats={'a':'file'},timing={'deadline':'1s'})
case(cr,'killed while the heartbeat was waited for, and then it is well',{'a':'1'},{'is':{'a':'2'},'faults':['a run 2 none'],'kill':'verify.started'},AG,AG,beats={'a':'file'},timing={'deadline':'1s'})
case(cr,'killed while the good one was waited for',{'a':'1'},{'is':{'a':'2'},'faults':['a run 2 none','a run 1 none'],'kill':'rollback.started'},{'reboot':True,'faults':[]},AG,beats={'a':'file'},timing={'deadline':'1s'})
case(cr,'SIGINT while the heartbeat is waited for: nothing is taken back',{'a':'1'},{'is':{'a':'2'},'faults':['a run 2 none'],'interrupt':'verify.started'},{'faults':[]},AG,beats={'a':'file'},timing={'deadline':'1s'})
case(cr,'SIGINT on the way back: the script ends, and the next run goes on',{'a':'1','c':'1'},{'is':{'a':'2','c':'2'},'faults':['a upgrade 1 wait','c upgrade 2 fail'],'interrupt':'a upgrade 1'},AG,AG)
case(cr,'SIGINT while the good one is waited for',{'a':'1'},{'is':{'a':'2'},'faults':['a run 2 none','a run 1 none'],'interrupt':'"type":"rollback.started"'},{'faults':[]},AG,beats={'a':'file'},timing={'deadline':'2s'})
case(cr,'SIGINT in the upgrade: the script ends, and the next run goes on',{'a':'1','c':'1'},{'is':{'a':'2','c':'2'},'faults':['a upgrade 2 wait'],'interrupt':'a upgrade 2'},AG,AG)
# by hand
bh=[]
case(bh,'rollback without anything good',None,{'is':{'a':'1'},'faults':['a upgrade 1 fail']},{'run':'rollback'})
case(bh,'rollback to the one before, and the present file is held back',v(),{'is':v(a='2')},{'run':'rollback'},{'run':'apply'},{'run':'apply --redo a'})
case(bh,'rollback to a number',v(),{'is':v(a='2')},{'is':v(a='3')},{'run':'rollback 1'},{'run':'rollback 2'},{'run':'rollback 9'})
case(bh,'rollback that fails goes back to where it began',v(),{'is':v(a='2')},{'run':'rollback 1','faults':['a upgrade 1 fail']},{'run':'apply'})
case(bh,'rollback to a generation that failed is refused',v(),{'is':v(a='2'),'faults':['a upgrade 2 fail']},{'run':'rollback 2'})
case(bh,'rollback where all is as it was then does nothing',v(),{'is':v(a='2'),'faults':['a upgrade 2 fail']},{'run':'rollback'})
case(bh,'rollback of what a damaged generation held goes back one more',v(),{'is':v(a='2')},{'put':{'var/bootstrap/generations/2.json':'{'},'is':v(a='3'),'faults':['a upgrade 3 fail']},AG)
case(bh,'all generations damaged: nothing to go back to',v(),{'put':{'var/bootstrap/generations/1.json':'{'},'is':v(a='2'),'faults':['a upgrade 2 fail']},AG)
case(bh,'a damaged quarantine: nothing is tried that perhaps must not be',v(),{'is':v(a='2'),'faults':['a upgrade 2 fail']},{'put':{'var/bootstrap/quarantine.json':'{'}})
case(bh,'a generation whose product bootstrap.ini no longer has cannot be gone back to',{'a':'1','n':'1'},{'is':{'a':'2'},'without':'n','faults':['a upgrade 2 fail']},AG)
json.dump({'hb':hb,'md':md,'cr':cr,'bh':bh},open('/tmp/tables2.json','w'))
print(len(hb),len(md),len(cr),len(bh))
