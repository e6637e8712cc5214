import {readFileSync,writeFileSync} from 'node:fs';
import {Document,Scalar,visit,isMap} from 'yaml';
const [,,src,key,out,title]=process.argv;
const t=JSON.parse(readFileSync(src,'utf8'))[key];
const d=new Document(t);
for(const c of d.contents.items){
  for(const p of c.items){ if(['was','ini','beats','timing','put'].includes(p.key.value)&&p.value.items) p.value.flow=true;
   if(p.key.value==='steps') for(const s of p.value.items) for(const q of s.items) if(q.value?.items) q.value.flow=true; }
}
d.commentBefore=' '+title;
writeFileSync(out,d.toString({lineWidth:0,singleQuote:true,flowCollectionPadding:false}));
